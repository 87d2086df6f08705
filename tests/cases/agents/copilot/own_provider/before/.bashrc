# mine
export COPILOT_PROVIDER_BASE_URL=https://api.openai.com/v1
