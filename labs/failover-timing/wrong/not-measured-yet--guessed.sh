# task: saved-seconds
# The table in the lesson is no measurement of this lab.
lab answer saved-seconds 15 || true
