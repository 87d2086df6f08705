# >>> headroom >>>
export A=b
