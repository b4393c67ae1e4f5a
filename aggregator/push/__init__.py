"""WebSub: what to say to hubs and to subscribers, when, and what to believe of them. Pure.

As a subscriber at the hubs of others:
intent.py     a hub's question (did you ask for this?) and our answer
rhythm.py     what to ask a hub for, when to ask again, and how rarely to poll what is pushed

As a publisher, and as a hub of our own:
asking.py     what somebody asks of our hub
letters.py    what is sent to hubs and to subscribers, and when again

signature.py  is a delivery from the hub that we gave the secret to? And what our own are signed with

W3C Recommendation "WebSub" of 23 January 2018; sections are named where a rule comes from one.
"""
