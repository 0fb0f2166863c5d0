"""Running a whole workshop with nobody watching, on one machine or many.

A rehearsal does what an attendee does, by the code of the panel, and says what broke, how
long each step took, and what the trainings reached.
"""
