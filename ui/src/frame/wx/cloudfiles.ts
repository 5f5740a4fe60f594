// The files of `wx.cloud`: bytes go by the host, which sends them to Plaza and fetches them there.

import type { NetworkEvent } from "../../lib/host/protocol"
import { forget } from "../cloudlinks"
import { HostError, type HostPort } from "../port"
import type { Report } from "../program"
import { asynchronous, type Implementation, type Options } from "./api"
import type { Files } from "./files"
import { Hearers } from "./network"

/** Tasks of files are told apart from those of the network by their numbers. */
const FIRST = 1_000_000_000

/** WeChat's numbers for what Plaza refuses. */
const NUMBERS: Record<string, number> = {
	cloud_file_not_found: -503003,
	cloud_file_permission_denied: -503002,
	cloud_file_bad_id: -501007,
	cloud_file_bad_path: -501007,
	cloud_file_quota: -503001,
	cloud_file_too_large: -503001,
}

interface Outcome {
	fileID: string
	status: number
	errMsg: string
	tempFileURL?: string
}

export function cloudFiles(port: HostPort, files: Files, report: Report): Record<string, unknown> {
	const heard = new Map<number, (done: number, all: number) => void>()
	port.on("network", (event) => {
		const { task, what, ...more } = event as NetworkEvent & { done?: number; all?: number }
		if (what === "sent" || what === "got") heard.get(task)?.(more.done ?? 0, more.all ?? 0)
	})
	let last = FIRST

	/** An API with a task: what is on its way can be given up, and tells how far it has come. */
	const task =
		(
			name: string,
			members: [done: string, all: string],
			run: (options: Options, task: number) => Promise<object>,
		) =>
		(options: Options = {}) => {
			const id = ++last
			const hearers = new Hearers(report)
			heard.set(id, (done, all) =>
				hearers.tell("ProgressUpdate", {
					progress: all > 0 ? Math.min(100, Math.floor((done / all) * 100)) : 0,
					[members[0]]: done,
					[members[1]]: all,
				}),
			)
			const work: Implementation = () =>
				run(options, id)
					.catch((error: unknown) => {
						throw numbered(error)
					})
					.finally(() => heard.delete(id))
			const outcome = asynchronous(`cloud.${name}`, work, report)(options)
			const api = {
				abort: () => port.cast("cloudAbort", { task: id }),
				...hearers.api(["ProgressUpdate", "HeadersReceived"]),
			}
			return outcome ? Object.assign(outcome, api) : api
		}

	const listed =
		(name: string, method: string, also: (list: unknown[]) => void): Implementation =>
		async ({ fileList }) => {
			if (!Array.isArray(fileList)) throw new Error("parameter error: fileList should be Array")
			const answer = await port
				.call("bridge", { method, args: { files: fileList } })
				.catch((error) => {
					throw numbered(error)
				})
			also(fileList)
			const list = (answer as { fileList: Outcome[] }).fileList
			return { fileList: list.map((each) => outside(each, name)) }
		}

	return {
		uploadFile: task(
			"uploadFile",
			["totalBytesSent", "totalBytesExpectedToSend"],
			async ({ cloudPath, filePath }, id) => {
				if (typeof cloudPath !== "string" || typeof filePath !== "string")
					throw new Error("parameter error: cloudPath and filePath should be String")
				const { bytes, type } = await files.fetch(filePath)
				const { result } = await port.carry(
					"cloudUpload",
					{ path: cloudPath, type, task: id },
					bytes,
				)
				const { fileID } = result as { fileID: string }
				forget([fileID])
				return { fileID, statusCode: 200 }
			},
		),
		downloadFile: task(
			"downloadFile",
			["totalBytesWritten", "totalBytesExpectedToWrite"],
			async ({ fileID }, id) => {
				const file = String(fileID ?? "")
				const { result, bytes } = await port.carry("cloudDownload", { file, task: id })
				const { type } = result as { type: string }
				const content = new Blob([bytes ?? new ArrayBuffer(0)], { type })
				return {
					tempFilePath: await files.keepWhole(content, file.split("/").pop()),
					statusCode: 200,
				}
			},
		),
		getTempFileURL: asynchronous(
			"cloud.getTempFileURL",
			listed("getTempFileURL", "files.urls", () => {}),
			report,
		),
		deleteFile: asynchronous(
			"cloud.deleteFile",
			listed("deleteFile", "files.delete", forget),
			report,
		),
	}
}

/** An address that works outside of the frame, too. */
function outside(outcome: Outcome, name: string): Outcome {
	if (name !== "getTempFileURL" || !outcome.tempFileURL) return outcome
	return { ...outcome, tempFileURL: new URL(outcome.tempFileURL, location.href).href }
}

/** The same error with WeChat's number. */
function numbered(error: unknown): unknown {
	const number = error instanceof HostError ? NUMBERS[error.code] : undefined
	return number === undefined ? error : Object.assign(error as HostError, { errCode: number })
}
