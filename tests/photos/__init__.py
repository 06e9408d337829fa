"""Made-up phone photos of printed, signed and stamped letters: equal seed, equal picture.

letters.py draws letters of made-up companies, hands.py puts ink on them, camera.py takes the photo, cases.py says what is
true of each. Three sets share no letter and no pen: "tuning", on which thresholds were chosen, "report", whose failures led
to a rule, and "final", on which the figures are made now (report.py lists its pictures; shapes.py has stamps of its own).
"""
