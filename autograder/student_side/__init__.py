"""What runs inside the sandbox: a warm process, the kernels it forks, and the agent that answers the grader's calls.

Nothing in this package is trusted once a student's code has run beside it, and nothing of a lesson's tests ever enters it.
"""
