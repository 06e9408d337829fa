"""Made-up phone photos of printed, signed and stamped letters: equal seed, equal picture.

letters.py draws letters of made-up companies, hands.py puts ink on them, camera.py takes the photo, cases.py says what is
true of each. Two sets share no letter, pen, stamp or hand: "tuning", on which thresholds were chosen, and "report", on
which the figures are made (report.py lists its pictures).
"""
