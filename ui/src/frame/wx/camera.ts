// `wx.createCameraContext`: pictures and films of the camera that a page shows.

import { theCamera } from "../components/camera"
import type { HostPort } from "../port"
import type { Report } from "../program"
import { asynchronous, type Implementation } from "./api"
import type { Files } from "./files"

type Heard = Parameters<typeof theCamera.frames.add>[0]

/** The synchronous name. */
export function cameraApi(port: HostPort, files: Files, report: Report) {
	theCamera.listen(port)
	const kept = async (method: string, args: object) => {
		const { result, bytes } = await port.carry(method, args)
		if (!bytes) throw new Error("the camera gave nothing")
		const { type, ...rest } = result as { type: string }
		return {
			path: await files.keepWhole(new Blob([bytes], { type })),
			size: bytes.byteLength,
			...rest,
		}
	}
	const later: Record<string, Implementation> = {
		takePhoto: async ({ quality }) => {
			const { path, ...rest } = await kept("cameraPhoto", { quality: String(quality ?? "normal") })
			return { tempImagePath: path, ...rest }
		},
		startRecord: () => port.call("cameraRecord", { act: "start" }),
		stopRecord: async () => {
			const { path, size } = await kept("cameraRecord", { act: "stop" })
			return { tempVideoPath: path, tempThumbPath: "", size }
		},
		setZoom: () => ({ zoom: 1 }),
	}
	const context = Object.fromEntries(
		Object.entries(later).map(([name, run]) => [
			name,
			asynchronous(`CameraContext.${name}`, run, report),
		]),
	)
	return {
		createCameraContext: () => ({
			...context,
			onCameraFrame(heard: Heard) {
				return {
					start: ({ success }: { success?: (told: object) => void } = {}) => {
						theCamera.frames.add(heard)
						success?.({ errMsg: "CameraFrameListener.start:ok" })
					},
					stop: ({ success }: { success?: (told: object) => void } = {}) => {
						theCamera.frames.delete(heard)
						success?.({ errMsg: "CameraFrameListener.stop:ok" })
					},
				}
			},
		}),
	}
}
