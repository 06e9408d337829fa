"""Made-up phone photos of printed, signed and stamped letters: equal seed, equal picture.

letters.py draws letters of made-up companies; hands.py, marks.py, stamps.py, shapes.py and seals.py put ink on them; camera.py
takes the photo; cases.py says what is true of each. Four sets share no letter, pen or seed. "tuning", "report" and "final"
have been seen: thresholds and rules were chosen on them. "unseen" was drawn before the last rule and looked at once, as
drawings: its hands, stamps and most marks are its own, and the figures are made on it (report.py lists its pictures).
"""
