# >>> headroom >>>
# Written by `headroom`; taken out by `headroom unwrap`.
export COPILOT_PROVIDER_BASE_URL='http://127.0.0.1:8787'
export COPILOT_PROVIDER_TYPE='anthropic'
export COPILOT_PROVIDER_API_KEY_COMMAND='printenv ANTHROPIC_API_KEY'
export COPILOT_MODEL='claude-sonnet-4.5'
# <<< headroom <<<
