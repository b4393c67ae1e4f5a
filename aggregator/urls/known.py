"""What we know of sites: their doors, and the parameters that never decide which article is shown.

In:    nothing.
Out:   names in lower case, and values of theirs.
Never: decides: `hosts` and `parameters` do.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One site, several doors. What follows must still be a name with a dot, so `m.com` and `amp.dev` stay whole.
DOORS = _words("www m amp mobile pda wap")

# Names under which anybody may have one: `mobile.kiev.ua` is a site called "mobile", no door of `kiev.ua`. The first
# are such under most national domains; the others are those of publicsuffix.org (2026-10) where our outlets are.
NATIONAL = _words("ac biz co com edu gov info int mil net or org")
REGIONAL = {
    "ua": _words("""
        cc cherkassy cherkasy chernigov chernihiv chernivtsi chernovtsy ck cn cr crimea cv cx dn dnepropetrovsk
        dnipropetrovsk donetsk dp if in inf ivano-frankivsk kh kharkiv kharkov kherson khmelnitskiy khmelnytskyi kiev
        kirovograd km kr kropyvnytskyi krym ks kv kyiv lg lt ltd lugansk luhansk lutsk lv lviv mk mykolaiv nikolaev od
        odesa odessa pl poltava pp rivne rovno rv sb sebastopol sevastopol sm sumy te ternopil uz uzhgorod uzhhorod v
        vinnica vinnytsia vn volyn yalta zakarpattia zaporizhzhe zaporizhzhia zhitomir zhytomyr zp zt
    """),
    "ru": _words("""
        adygeya bashkiria bir cbg dagestan grozny kalmykia kustanai marine mordovia msk mytis nalchik nov pp pyatigorsk
        ras spb vladikavkaz vladimir
    """),
}

# Who sent the reader, never what he reads. Checked against 25,242 real article addresses: no two articles become one.
TRACKING = _words("""
    fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid igshid igsh li_fat_id epik rdt_cid srsltid
    yclid ysclid ymclid yadclid yadordid _openstat openstat rb_clickid vkclid vk_ad_id tg_rhash admitad_uid erid
    fb_action_ids fb_action_types fb_ref fb_source fb_comment_id mibextid __twitter_impression cn-reloaded

    mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking vero_id vero_conv oly_enc_id oly_anon_id
    _ga _gl _ke ga_source ga_medium ga_campaign ga_content ga_term wickedid s_cid trk trkcampaign sc_campaign
    pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid wt_mc wt_zmc maca
    mtm_campaign mtm_kwd mtm_keyword mtm_source mtm_medium mtm_content mtm_cid mtm_group mtm_placement
    itm_campaign itm_channel itm_content itm_medium itm_source itm_term dicbo oborigurl
    at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 at_link_id at_link_type at_format
    roistat roistat_referrer calltouch_tm etext from_mail frommail rpop sphrase_id doing_wp_cron

    cmpid cmp ncid icid ocid ito smid smtyp ns_mchannel ns_source ns_campaign ns_linkname ns_fee
    ref_src ref_url referrer referer guccounter guce_referrer guce_referrer_sig feature_from traffic_source wprss
    .tsrc __source amp_js_v amp_gsa usqp
""")
# They hold a session or open the form under an article: a link may need them, comparing does not.
ASIDE = _words("phpsessid jsessionid zenid oscsid cfid cftoken replytocom")

# These say where the reader comes from only when their value names such a place; else they may be an id.
SAID_FROM = _words("from ref source src via share")
PLACES = _words("""
    rss feed rssfeed atom newsfeed twitter tw x telegram tg tgm vk vkontakte ok odnoklassniki facebook fb instagram
    whatsapp viber google googlenews yandex yxnews yandexnews dzen zen mail mailru pulse smi2 flipboard push email
    newsletter main main_page mainpage top topnews social share sharing copy link reddit linkedin
""")
# These, too, but of their values only a feed's name is plain enough.
NAMES_FEED = SAID_FROM | _words("xid mbid fsrc partner emc siteid")
# These show the article another way when their value says so; `?amp=5512` may be an amplifier.
SWITCHES = {
    "amp": {"", "1", "true", "yes", "y"},
    "_amp": {"", "1", "true"},
    "noamp": {"mobile", "available"},
    "output": {"amp"},
    "outputtype": {"amp"},
    "rss": {"1", "y", "yes", "true"},
    "from_feed": {"1"},
    "clear_cache": {"y"},
}
# What only these sites, and those below them, use so: elsewhere it may be an id.
HABITS = {
    "blogspot.com": _words("m"),
    "bloomberg.com": _words("srnd sref"),
    "businessinsider.com": _words("r ir"),
    "cbsnews.com": _words("ftag linkid"),
    "cnbc.com": _words("par"),
    "cnn.com": _words("cid"),
    "facebook.com": _words("rdid"),
    "forbes.com": _words("sh"),
    "gazeta.ru": _words("updated"),
    "kommersant.ru": _words("from"),
    "msn.com": _words("cvid"),
    "npr.org": _words("ft f"),
    "nytimes.com": _words("action module pgtype unlocked_article_code"),
    "rbc.ru": _words("from"),
    "reuters.com": _words("feedtype feedname taid"),
    "t.me": _words("single embed mode"),
    "twitter.com": _words("s t"),
    "washingtonpost.com": _words("tid"),
    "wsj.com": _words("mod st reflink"),
    "x.com": _words("s t"),
    "youtube.com": _words("feature si"),
}
