import pytest

from tracker.errors import ServiceError
from tracker.programs.supervisor import Supervisor, restart_delay_s


class FakeService:
    """A service that does what its test tells it; everything that happens goes into the shared diary."""

    ready_timeout_s = 5.0
    stop_timeout_s = 5.0

    def __init__(self, name, diary, *, looks_until_ready=1, dies_in_start=False, ignores_terminate=False):
        self.name, self.diary = name, diary
        self.looks_until_ready, self.dies_in_start = looks_until_ready, dies_in_start
        self.ignores_terminate = ignores_terminate
        self.runs, self.refuse_start = False, False

    def start(self):
        if self.refuse_start:
            raise ServiceError("The port is taken.", "Free it.")
        self.diary.append(f"start {self.name}")
        self.runs = not self.dies_in_start

    def ready(self):
        self.looks_until_ready -= 1
        if self.runs and self.looks_until_ready <= 0:
            self.diary.append(f"ready {self.name}")
            return True
        return False

    def alive(self):
        return self.runs

    def terminate(self):
        self.diary.append(f"terminate {self.name}")
        self.runs = self.runs and self.ignores_terminate

    def kill(self):
        self.diary.append(f"kill {self.name}")
        self.runs = False

    def stop(self):
        self.diary.append(f"stop {self.name}")

    def failure(self):
        return ServiceError(f"{self.name} stopped.", "See its log.")


class FakeClock:
    """A second passes at each look."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


@pytest.fixture
def diary():
    return []


def a_supervisor(diary, *services, on_line=None):
    def say(line):
        diary.append(line)
        if on_line:
            on_line(line)

    return Supervisor(services, say, clock=FakeClock())


@pytest.mark.parametrize(("failures", "delay_s"), [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 30.0), (10**6, 30.0)])
def test_restarts_wait_longer_each_time_up_to_half_a_minute(failures, delay_s):
    assert restart_delay_s(failures) == delay_s


def test_each_service_starts_when_the_one_before_is_ready_and_stops_in_reverse(diary):
    supervisor = a_supervisor(diary, FakeService("a", diary, looks_until_ready=3), FakeService("b", diary))
    supervisor.run(on_ready=supervisor.stop)
    assert diary == [
        *("start a", "ready a", "start b", "ready b"),
        *("Stopping ...", "terminate b", "stop b", "terminate a", "stop a", "Stopped."),
    ]


def test_a_service_that_dies_while_starting_is_an_error_and_the_others_stop(diary):
    supervisor = a_supervisor(diary, FakeService("a", diary), FakeService("b", diary, dies_in_start=True))
    with pytest.raises(ServiceError, match="b stopped"):
        supervisor.run()
    assert diary[-2:] == ["stop a", "Stopped."]


def test_a_service_that_never_gets_ready_is_an_error(diary):
    supervisor = a_supervisor(diary, FakeService("a", diary, looks_until_ready=10**6))
    with pytest.raises(ServiceError):
        supervisor.run()


def test_a_crashed_service_is_restarted_and_it_is_said(diary):
    service = FakeService("a", diary)

    def crash():
        service.runs = False

    def stop_when_back(line):
        if line == "a runs again.":
            supervisor.stop()

    supervisor = a_supervisor(diary, service, on_line=stop_when_back)
    supervisor.run(on_ready=crash)
    assert diary[2:6] == ["kill a", "a stopped. Restarting it in 0.5 s.", "start a", "ready a"]


def test_a_restart_that_fails_is_tried_again_later(diary):
    service = FakeService("a", diary)

    def crash():
        service.runs, service.refuse_start = False, True

    def stop_after_second_try(_line):
        if sum("can't be restarted" in line for line in diary) == 2:
            supervisor.stop()

    supervisor = a_supervisor(diary, service, on_line=stop_after_second_try)
    supervisor.run(on_ready=crash)
    tries = [line for line in diary if "can't be restarted" in line]
    assert [line.rpartition("Next try in ")[2] for line in tries] == ["1 s.", "2 s."]


def test_a_service_that_ignores_the_request_is_killed_in_time(diary):
    supervisor = a_supervisor(diary, FakeService("a", diary, ignores_terminate=True))
    supervisor.run(on_ready=supervisor.stop)
    assert diary[-4:] == ["a is killed.", "kill a", "stop a", "Stopped."]


def test_a_terminal_that_is_gone_keeps_nothing_running(diary):
    def gone(_line):
        raise BrokenPipeError

    supervisor = a_supervisor(diary, FakeService("a", diary, ignores_terminate=True), on_line=gone)
    supervisor.run(on_ready=supervisor.stop)
    assert diary[-3:-1] == ["kill a", "stop a"]


def test_a_second_request_kills_at_once(diary):
    service = FakeService("a", diary, ignores_terminate=True)
    service.stop_timeout_s = float("inf")
    supervisor = a_supervisor(diary, service)

    def twice():
        supervisor.stop()
        supervisor.stop()

    supervisor.run(on_ready=twice)
    assert "kill a" in diary


def test_asked_to_stop_while_starting_it_starts_nothing_more(diary):
    first, second = FakeService("a", diary, looks_until_ready=10**6), FakeService("b", diary)
    supervisor = a_supervisor(diary, first, second)
    first.start = lambda: (setattr(first, "runs", True), supervisor.stop())
    supervisor.run()
    assert "start b" not in diary
