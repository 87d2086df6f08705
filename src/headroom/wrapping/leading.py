"""An agent's plans applied with a proxy behind them, or none of them."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from headroom import background, service, settings
from headroom.agents import Agent, Options, Proxy, Session
from headroom.background import Running, health, stopping
from headroom.background.environment import for_proxy
from headroom.background.records import Records
from headroom.errors import HeadroomError
from headroom.plans import Applied, Change, Machine, Outcome, Plan, PlanError, Runner
from headroom.settings import Settings
from headroom.wrapping import choices, services, upstreams
from headroom.wrapping.extras import is_installed
from headroom.wrapping.routes import headroom_argv, leads_to, other_proxy
from headroom.wrapping.usual import runner_of, users_settings

_NO_MCP = "its MCP server was left out, which needs: pip install 'headroom-ai[mcp]'"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What wrapping came to; `proxy` is None where the agent's requests cannot be led to it.
    `problems` need the user, `notes` only want to be known."""

    agent: str
    title: str
    is_here: bool
    proxy: Running | None
    changes: tuple[Change, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wrapping:
    """Over one machine, with the settings in force, among them the user's options (`given`)."""

    machine: Machine
    chosen: Settings
    given: Mapping[str, object]

    @classmethod
    def here(cls, given: Mapping[str, object]) -> "Wrapping":
        """On this machine.

        Raises:
            SettingsError: the user's settings hold what they cannot mean.
        """
        return cls(Machine.here(settings.environment()), users_settings(given), given)

    @property
    def runner(self) -> Runner:
        """Applies plans, and takes them back."""
        return runner_of(self.chosen.home)

    @property
    def proxy(self) -> Proxy:
        """What plans are made for."""
        return Proxy(self.chosen.proxy.url, headroom_argv(self.machine), settings.files()[0])

    def plans(self, agent: Agent, options: Options) -> tuple[Plan, ...]:
        """What wrapping would apply, in this order.

        Raises:
            PlanError: it would not last, or lead another agent's requests elsewhere.
        """
        without = options.mcp and not is_installed("mcp")
        options = replace(options, mcp=options.mcp and not without)
        in_force = self.runner.in_force()
        plan = self._plan_of(agent, options, in_force.get(agent.name))
        if without:
            plan = replace(plan, notes=(*plan.notes, _NO_MCP))
        upstreams.refuse_two(plan, in_force, self.proxy.settings_file, self._users_upstreams())
        lasting = choices.lasting(self.given) if leads_to(plan, self.proxy) else {}
        own = (choices.as_plan(lasting, in_force.get(choices.OWN)),) if lasting else ()
        return (*own, plan)

    def preview(self, plans: Sequence[Plan]) -> list[Change]:
        """The files that the plans would change.

        Raises:
            PlanError: they could not be applied.
        """
        found = [change for plan in plans for change in self.runner.preview(plan)]
        return [change for change in found if change.before != change.after]

    def wrap(self, agent: Agent, plans: Sequence[Plan]) -> Wrapped:
        """Apply the plans and see that the proxy runs. Where that fails, every file is again as
        it was.

        Raises:
            HeadroomError: a file cannot be changed, or the proxy not be started.
        """
        leads = any(leads_to(plan, self.proxy) for plan in plans)
        if leads:
            self._refuse_unreachable()
        self.preview(plans)
        before, is_here = self.runner.in_force(), agent.is_here(self._machine_without(agent))
        running = background.find(self.chosen) if leads else None
        try:
            outcomes = [self._applied(plan) for plan in plans]
            found = self._started(running, plans, outcomes) if leads else None
        except (HeadroomError, KeyboardInterrupt) as error:
            self._restore(before, running, error)
            if isinstance(error, KeyboardInterrupt):
                raise
            raise PlanError(f"{error}\nNothing was changed.") from error
        problems = [problem for outcome in outcomes for problem in outcome.problems]
        problems += agent.obstacles(self.machine, self.proxy, Path.cwd())
        problems += (
            f"{applied.plan.title} still calls {other}; lead it here too: headroom wrap {name}"
            for name, applied in before.items()
            if name != agent.name and (other := other_proxy(applied.plan, self.proxy))
        )
        return Wrapped(
            agent.name,
            agent.title,
            is_here,
            found,
            tuple(change for outcome in outcomes for change in outcome.changed),
            tuple(problems),
            tuple(note for plan in plans for note in plan.notes),
        )

    def session(
        self, agent: Agent, arguments: Sequence[str], options: Options
    ) -> tuple[Path, Session]:
        """The agent's program, and how it is run through the proxy once.

        Raises:
            HeadroomError: it cannot be.
        """
        program = self.machine.which(agent.program) if agent.program else None
        if program is None:
            raise PlanError(f"{agent.program or agent.title} was not found on the PATH")
        self._refuse_unreachable()
        options = replace(options, mcp=options.mcp and is_installed("mcp"))
        applied = self.runner.in_force().get(agent.name)
        elsewhere = applied is not None and other_proxy(applied.plan, self.proxy)
        machine = self._machine_without(agent) if elsewhere else self.machine
        return program, agent.session(machine, self._proxy_for(agent), arguments, options)

    def ready(self) -> str:
        """Have the proxy run, for a session; what the user should know of it.

        Raises:
            HeadroomError: it cannot be started.
        """
        running = self._ensured(self.chosen, self.given, restart=self._is_stale())
        policy = self.given.get("policy")
        known = (running.flags or {}).get("policy", users_settings({}).policy.name)
        if policy is None or policy == known:
            return ""
        return f"the proxy runs already, with policy {known}; end it first: headroom proxy stop"

    def _plan_of(self, agent: Agent, options: Options, known: Applied | None) -> Plan:
        proxy = self._proxy_for(agent)
        plan = agent.plan(self._machine_without(agent), proxy, options)
        led = known is not None and leads_to(known.plan, proxy)
        if led and not leads_to(plan, proxy):
            # The variables that the plan in force sets stand in this shell, and hide the user's.
            return agent.plan(self.machine, proxy, options)
        return plan

    def _users_upstreams(self) -> dict[str, str]:
        return upstreams.of_the_user(self.runner, self.proxy.settings_file)

    def _proxy_for(self, agent: Agent) -> Proxy:
        """The proxy as an agent sees it, which is told what is there for others."""
        proxy, users = self.proxy, self._users_upstreams()
        in_force = self.runner.in_force()
        others = upstreams.of_others(agent.name, in_force, proxy.settings_file, users)
        return replace(proxy, others=others)

    def _machine_without(self, agent: Agent) -> Machine:
        """The machine as it would be without the agent's plan, for the next: a proxy of ours that
        it calls now is no gateway of the user's."""
        files, environ = self.runner.without(agent.name), self.machine.environ
        for port in Records(self.chosen.home).ports():
            if port != self.chosen.proxy.port:
                environ = for_proxy(environ, port)

        def read(path: Path) -> bytes | None:
            return files[path] if path in files else self.machine.read(path)

        return replace(self.machine, environ=environ, read=read)

    def _refuse_unreachable(self) -> None:
        """Where an agent could not come through.

        Raises:
            HeadroomError: it could not.
        """
        own = self.chosen.proxy
        if not is_installed("proxy"):
            raise PlanError("the proxy is not installed: pip install 'headroom-ai[proxy]'")
        own.check()
        if own.token:
            raise PlanError(
                "the proxy wants a token (HEADROOM_PROXY_TOKEN is set), which agents do not send; "
                "unset it and listen on 127.0.0.1, where none is needed"
            )
        found = health.ask(own.url, own.token, health.PATIENT_SECONDS)
        if found is None and health.is_taken(own.url):
            raise stopping.taken_by_another(own)

    def _applied(self, plan: Plan) -> Outcome:
        """A plan that asks for nothing is none, and takes the place of an earlier one."""
        if not plan.is_empty:
            return self.runner.apply(plan)
        known = plan.name in self.runner.applied()
        return self.runner.revert(plan.name) if known else Outcome()

    def _started(
        self, running: Running | None, plans: Sequence[Plan], outcomes: Sequence[Outcome]
    ) -> Running:
        """The proxy with the settings as they are now."""
        file = self.proxy.settings_file
        ours = any(change.path == file for outcome in outcomes for change in outcome.changed)
        # A flag that it was started with wins over the file.
        flags = {
            step.keys[-1]: step.value
            for plan in plans
            for patch in plan.patches
            for step in patch.changes
            if patch.path == file and running and step.keys[-1] in (running.flags or {})
        }
        restart = ours or (running is not None and self._is_stale())
        return self._ensured(users_settings({}), flags, restart=restart)

    def _ensured(self, chosen: Settings, flags: Mapping[str, object], *, restart: bool) -> Running:
        by_service = self.runner.in_force().get(service.NAME)
        its_own = chosen.proxy.port == users_settings({}).proxy.port
        if restart and by_service and its_own and background.find(chosen):
            return services.install(self.runner, by_service.plan, chosen)
        return background.ensure(chosen, flags, restart=restart)

    def _is_stale(self) -> bool:
        """Whether a proxy runs that may not have read the settings file as it is now: it would go
        on to the gateway of an agent that was taken back."""
        (known,) = background.known(self.chosen, others=False)
        if known.uptime_seconds is None:
            return False
        try:
            changed = self.proxy.settings_file.stat().st_mtime
        except OSError:
            changed = self.runner.changed_at()
        return changed > time.time() - known.uptime_seconds

    def _restore(
        self, before: Mapping[str, Applied], running: Running | None, error: BaseException
    ) -> None:
        """Have in force what was, and the proxy run if it did."""
        left: list[str] = []
        try:
            now = self.runner.in_force()
            for name in [name for name in reversed(now) if name not in before]:
                left += self.runner.revert(name).problems
            for name, applied in before.items():
                if name not in now or now[name].plan != applied.plan:
                    left += self.runner.apply(applied.plan).problems
        except HeadroomError as second:
            left.append(str(second))
        if left:
            said = "\n".join((f"{error}", "Not all that was changed is taken back:", *left))
            raise PlanError(said) from error
        if running:
            with suppress(HeadroomError):
                background.ensure(self.chosen, running.flags)
