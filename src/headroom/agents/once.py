"""One run through the proxy changes no file, so the proxy goes on to where it goes anyway.

That is refused where the agent calls another place: its key would reach a host it is not for.
"""

from headroom.agents._api import Agent, Proxy, gateway, goes_on
from headroom.plans import Machine, PlanError


def check(machine: Machine, proxy: Proxy, provider: str, url: object, agent: Agent) -> None:
    """Let pass an agent that calls the provider, or the gateway that the proxy goes on to.

    Raises:
        PlanError: with this base URL it calls another one, or the proxy goes on to that of
            another agent.
    """
    calls, there = gateway(machine, proxy, provider, url), goes_on(machine, proxy, provider)
    if calls == there:
        return
    other = proxy.others.get(provider)
    if other and other.url == there:
        raise PlanError(
            f"{agent.title} calls {calls or f'the API of {provider} itself'}, and the proxy sends "
            f"such requests on to {there}, for {other.title}: the key would reach a host that it "
            f"is not for. Take the other back first (headroom unwrap {other.agent}), give both "
            f"the same gateway, or run {agent.title} without Headroom"
        )
    if calls:
        raise PlanError(
            f"{agent.title} calls {calls} now. Set {provider}_upstream to it in "
            f"{proxy.settings_file}, or let `headroom wrap {agent.name}` do so"
        )
