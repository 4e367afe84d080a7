# task: kill-and-return
lab power-off cp-3
