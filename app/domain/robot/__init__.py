"""The robot on the line: how it speaks and lets itself be interrupted."""
