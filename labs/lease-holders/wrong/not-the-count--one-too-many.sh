# task: transitions
# Counts the holders instead of the changes.
changes=$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.leaseTransitions}')
lab answer transitions "$((changes + 1))" || true
