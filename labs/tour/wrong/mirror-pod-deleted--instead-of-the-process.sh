# task: kill-and-return
# Deletes what shows the scheduler in the API; the process never notices.
kubectl -n kube-system delete pod kube-scheduler-cp-2 --wait=false
