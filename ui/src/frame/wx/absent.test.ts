import { expect, test, vi } from "vitest"
import { absent, absentApi } from "./absent"
import { noAdvertisement, worklet } from "./skyline"

type Calls = Record<string, (options?: unknown) => Promise<unknown> | undefined>

test("what cannot be is made, and fails in WeChat's words when it is used", async () => {
	const player = (absentApi.createLivePlayerContext as () => Calls)()
	const [fail, complete] = [vi.fn(), vi.fn()]
	expect(player.snapshot?.({ fail, complete })).toBeUndefined()
	await expect(player.startRecord?.()).rejects.toEqual({
		errMsg: "startRecord:fail not supported",
	})
	expect(fail).toHaveBeenCalledWith({ errMsg: "snapshot:fail not supported" })
	expect(complete).toHaveBeenCalledTimes(1)
	const frames = player.onCameraFrame?.(() => {}) as unknown as { start(): void }
	expect(frames.start()).toBeUndefined()
})

test("it can be awaited, and keeps what it has of its own", async () => {
	const made = absent({ start: () => "started" }) as { start(): string }
	expect((await made).start()).toBe("started")
})

test("an advertisement never comes, and says so to whoever listens", async () => {
	const ad = noAdvertisement() as Calls
	const heard = vi.fn()
	ad.onError?.(heard)
	await expect(ad.load?.()).rejects.toMatchObject({ errCode: 1004 })
	expect(heard).toHaveBeenCalledWith({ errMsg: "no advertisement", errCode: 1004 })
})

test("values of worklets change at once", () => {
	const width = worklet.shared(10) as { value: unknown }
	const done = vi.fn()
	width.value = worklet.timing(40, { duration: 300 }, done)
	expect(width.value).toBe(40)
	expect(done).toHaveBeenCalledWith(true, 40)
	const double = worklet.derived(() => Number(width.value) * 2)
	expect(double.value).toBe(80)
})
