"""CPU a fix, split into broker, worker and PostgreSQL, at a steady rate from ten thousand connections.

The worker's memory is that of the same run: ten thousand devices seen, ten thousand zones indexed.
"""

from collections.abc import Iterator

from bench.result import Line, Note, Result
from bench.site import PASSWORD, Cpu, Site, a_site, say
from bench.traffic import Phones, steady

RATE = 2_000.0
SETTLE_S = 15.0


def results(seconds: float) -> Iterator[Line]:
    """Microseconds a fix and megabytes."""
    with a_site() as site:
        cpu_us, fixes, rss_mb = measure(site, seconds)
    what = f"CPU a fix at {RATE:,.0f}/s from {len(site.devices):,} connections"
    yield Result(what, 250, cpu_us.total, "us", at_most=True)
    yield Note("broker, worker, PostgreSQL", f"{cpu_us.broker:.0f} + {cpu_us.worker:.0f} + {cpu_us.postgres:.0f} us")
    yield Note("committed of those sent in that time", f"{100.0 * fixes / (RATE * seconds):.1f} %")
    yield Result("worker memory, 10,000 zones and 10,000 devices", 300, rss_mb, "MB", at_most=True)


def measure(site: Site, seconds: float) -> tuple[Cpu, int, float]:
    """Microseconds of CPU a fix, how many fixes were committed, and the worker's resident memory in megabytes."""
    with site.ingest():
        say(f"connecting {len(site.devices):,} phones")
        phones = Phones(site.broker.port, site.devices, PASSWORD)
        steady(phones, RATE, SETTLE_S)
        say(f"{RATE:,.0f} fixes/s for {seconds:.0f} s")
        stored = site.stored()
        before = site.cpu()
        steady(phones, RATE, seconds)
        used = site.cpu() - before
        fixes = site.stored() - stored
        phones.close()
        rss_mb = site.worker_rss_mb()
    each = 1e6 / fixes
    return Cpu(used.broker * each, used.worker * each, used.postgres * each), fixes, rss_mb
