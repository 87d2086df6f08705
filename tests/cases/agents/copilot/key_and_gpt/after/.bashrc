# >>> headroom >>>
# Written by `headroom`; taken out by `headroom unwrap`.
export COPILOT_PROVIDER_BASE_URL='http://127.0.0.1:8787/v1'
export COPILOT_PROVIDER_TYPE='openai'
export COPILOT_PROVIDER_API_KEY_COMMAND='printenv OPENAI_API_KEY'
export COPILOT_MODEL='gpt-5.4'
export COPILOT_PROVIDER_WIRE_API='responses'
# <<< headroom <<<
