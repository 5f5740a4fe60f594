import { expect, test, vi } from "vitest"
import { HostError } from "../port"
import { asynchronous } from "./api"
import { addMissing } from "./missing"

const report = vi.fn()

test("without callbacks an API answers a promise, with one it does not", async () => {
	const api = asynchronous("scanCode", () => ({ result: "1" }), report)
	await expect(api()).resolves.toEqual({ errMsg: "scanCode:ok", result: "1" })
	const success = vi.fn()
	expect(api({ success })).toBeUndefined()
	await vi.waitFor(() =>
		expect(success).toHaveBeenCalledWith({ errMsg: "scanCode:ok", result: "1" }),
	)
})

test("a failure has the name in front, and the code of the refusal", async () => {
	const api = asynchronous(
		"requestPayment",
		() => Promise.reject(new HostError({ message: "cancel", code: "cancelled" })),
		report,
	)
	await expect(api()).rejects.toMatchObject({
		errMsg: "requestPayment:fail cancel",
		code: "cancelled",
	})
	const [fail, complete] = [vi.fn(), vi.fn()]
	api({ fail, complete })
	await vi.waitFor(() => expect(complete).toHaveBeenCalledOnce())
	expect(fail.mock.calls[0]?.[0]).toMatchObject({ errMsg: "requestPayment:fail cancel" })
})

test("what a callback throws is reported, not lost", async () => {
	const api = asynchronous("nextThing", () => ({}), report)
	api({
		success() {
			throw new Error("mine")
		},
	})
	await vi.waitFor(() =>
		expect(report).toHaveBeenCalledWith(
			expect.objectContaining({ message: "mine" }),
			"callback of wx.nextThing",
		),
	)
})

test("every other name of WeChat fails as there, and no other name exists", async () => {
	const wx: Record<string, unknown> = { scanCode: "mine" }
	addMissing(wx, report)
	expect(wx.scanCode).toBe("mine")
	await expect((wx.openBluetoothAdapter as () => Promise<unknown>)()).rejects.toMatchObject({
		errMsg: "openBluetoothAdapter:fail not supported",
	})
	expect(() => (wx.getBatteryInfoSync as () => void)()).toThrow(
		"getBatteryInfoSync:fail not supported",
	)
	expect((wx.onCompassChange as () => void)()).toBeUndefined()
	expect(wx.webpackJsonp).toBeUndefined()
	expect(Object.keys(wx).length).toBeGreaterThan(450)
})
