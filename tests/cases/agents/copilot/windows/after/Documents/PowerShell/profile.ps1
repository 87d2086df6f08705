$x = 1
# >>> headroom >>>
# Written by `headroom`; taken out by `headroom unwrap`.
$env:COPILOT_PROVIDER_BASE_URL = 'http://127.0.0.1:8787'
$env:COPILOT_PROVIDER_TYPE = 'anthropic'
$env:COPILOT_PROVIDER_API_KEY_COMMAND = 'echo %ANTHROPIC_API_KEY%'
$env:COPILOT_MODEL = 'it''s-claude'
# <<< headroom <<<
