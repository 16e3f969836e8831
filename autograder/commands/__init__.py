"""What the commands do: call the grader's parts, and print."""
