"""The counts in a few lines for a model: what went through the proxy, and what it saved."""

from headroom.counting import Summary


def report(found: Summary, hours: float | None) -> str:
    """Tokens before and after, retrievals, net, and what went wrong, in few tokens."""
    when = "" if hours is None else f" in the last {hours:g} hours"
    total = found.total
    if not total.requests:
        return f"No request has gone through the proxy{when or ' yet'}."
    estimated = "" if total.exact else ", partly estimated"
    lines = [
        f"{total.tokens_before:,} → {total.tokens_after:,} tokens in {total.requests:,} "
        f"requests{when}: {total.savings_percent:.1f} % saved{estimated}.",
        f"{total.retrievals:,} retrievals gave back {total.retrieved_tokens:,} tokens, the tool "
        f"itself took {total.tool_tokens:,}: {total.net_saved_tokens:,} tokens saved net.",
    ]
    bill = total.bill
    if bill.requests:
        lines.append(
            f"By the provider's own count, cached input at its lower price: "
            f"{bill.net_percent:.1f} % of the bill saved, retrievals and the tool paid."
        )
    if total.failures:
        last = f"; the last: {found.last_failure}" if found.last_failure else ""
        lines.append(f"{total.failures:,} texts passed as they were after a failure{last}.")
    return "\n".join(lines)
