"""WebSub as a subscriber: what to say to a hub, when, and what to believe of it. Pure.

intent.py     a hub's question (did you ask for this?) and our answer
signature.py  is a delivery from the hub that we gave the secret to?
rhythm.py     what to ask a hub for, when to ask again, and how rarely to poll what is pushed

W3C Recommendation "WebSub" of 23 January 2018; sections are named where a rule comes from one.
"""
