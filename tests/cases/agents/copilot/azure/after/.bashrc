# >>> headroom >>>
# Written by `headroom`; taken out by `headroom unwrap`.
export COPILOT_PROVIDER_BASE_URL='http://127.0.0.1:8787'
# <<< headroom <<<
