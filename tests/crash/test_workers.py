"""Workers beside each other: a channel is asked by one at a time, and the same posts are stored once."""

POSTS = 200


def test_same_posts_through_different_channels(desk):
    desk.publish(POSTS)
    workers = [desk.worker(channels=[channel]) for channel in desk.channels[:2]]
    for worker in workers:
        worker.go()
    assert [worker.wait() for worker in workers] == [(0, 1), (0, 1)]
    desk.finish()
    desk.check()


def test_same_channels(desk):
    desk.client.control(delay=0.05)
    desk.publish(POSTS)
    workers = [desk.worker() for _worker in range(2)]
    for worker in workers:
        worker.go()
    codes, finished = zip(*(worker.wait() for worker in workers), strict=True)
    assert codes == (0, 0)
    assert sum(finished) == len(desk.channels)
    timelines = {path: most for path, most in desk.client.control()["most_busy"].items() if "/tag/" in path}
    assert set(timelines.values()) == {1}
    desk.client.control(delay=0)
    desk.finish()
    desk.check()
