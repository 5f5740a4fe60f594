import { beforeEach, expect, test, vi } from "vitest"
import { isCloud, linkThrough, locate } from "../cloudlinks"
import { HostError } from "../port"
import { cloudFiles } from "./cloudfiles"

// biome-ignore lint/suspicious/noExplicitAny: programs have no types here either
type Any = any

beforeEach(() => void vi.stubGlobal("location", { href: "http://plaza.test/mp/a/b/" }))

function open(answers: Record<string, (args: Any, bytes?: ArrayBuffer) => Any>) {
	let tell: (event: Any) => void = () => {}
	const casts: [string, Any][] = []
	const port = {
		call: async (_name: string, { method, args }: Any) => answers[method]?.(args),
		carry: async (method: string, args: Any, bytes?: ArrayBuffer) => {
			tell({ ev: "network", task: args.task, what: "sent", done: 1, all: 4 })
			return answers[method]?.(args, bytes)
		},
		cast: (method: string, args: Any) => casts.push([method, args]),
		on: (_name: string, listener: (event: Any) => void) => {
			tell = listener
		},
	} as Any
	const files = {
		fetch: async () => ({ bytes: new ArrayBuffer(4), type: "image/png" }),
		keepWhole: async (blob: Blob) => `blob:${blob.type}:${blob.size}`,
	} as Any
	return { api: cloudFiles(port, files, vi.fn()) as Any, port, casts }
}

test("an upload sends the bytes of the file, tells how far it is, and answers WeChat's shape", async () => {
	const sent: Any[] = []
	const { api, casts } = open({
		cloudUpload: ({ path, type }, bytes) => {
			sent.push([path, type, bytes?.byteLength])
			return { result: { fileID: `cloud://a/${path}` }, bytes: undefined }
		},
	})
	const task = api.uploadFile({ cloudPath: "p/1.png", filePath: "tmp" })
	const progress: Any[] = []
	task.onProgressUpdate((event: Any) => progress.push(event))
	expect(await task).toEqual({
		errMsg: "cloud.uploadFile:ok",
		fileID: "cloud://a/p/1.png",
		statusCode: 200,
	})
	expect(sent).toEqual([["p/1.png", "image/png", 4]])
	expect(progress).toEqual([{ progress: 25, totalBytesSent: 1, totalBytesExpectedToSend: 4 }])
	task.abort()
	expect(casts[0]?.[0]).toBe("cloudAbort")
	const told = await new Promise<Any>((success) =>
		expect(typeof api.uploadFile({ cloudPath: "p", filePath: "t", success }).onProgressUpdate).toBe(
			"function",
		),
	)
	expect(told.fileID).toBe("cloud://a/p")
	await expect(api.uploadFile({ filePath: "t" })).rejects.toMatchObject({
		errMsg: expect.stringContaining("cloud.uploadFile:fail parameter error"),
	})
})

test("a refused file has WeChat's number beside Plaza's code", async () => {
	const { api } = open({
		cloudDownload: () => {
			throw new HostError({ message: "no", code: "cloud_file_not_found" })
		},
		"files.urls": ({ files }) => ({
			fileList: files.map((fileID: string) => ({
				fileID,
				status: 0,
				errMsg: "ok",
				tempFileURL: "/cloud/x",
				maxAge: 7200,
			})),
		}),
	})
	await expect(api.downloadFile({ fileID: "cloud://a/x" })).rejects.toMatchObject({
		errMsg: "cloud.downloadFile:fail no",
		errCode: -503003,
		code: "cloud_file_not_found",
	})
	const { fileList } = await api.getTempFileURL({ fileList: ["cloud://a/x"] })
	expect(fileList[0].tempFileURL).toBe("http://plaza.test/cloud/x")
})

test("components that are shown together ask for their addresses together, and once", async () => {
	const asked: string[][] = []
	const { port } = open({
		"files.urls": ({ files }) => {
			asked.push(files)
			return {
				fileList: files.map((fileID: string) => ({
					fileID,
					tempFileURL: fileID.endsWith("gone") ? "" : `/cloud/${fileID.slice(-1)}`,
					maxAge: 7200,
				})),
			}
		},
	})
	linkThrough(port)
	expect([isCloud("cloud://a/1"), isCloud("https://a/1"), isCloud("/a")]).toEqual([
		true,
		false,
		false,
	])
	const put = vi.fn()
	for (const id of ["cloud://a/1", "cloud://a/2", "cloud://a/1", "cloud://a/gone"]) locate(id, put)
	await vi.waitFor(() => expect(put).toHaveBeenCalledTimes(4))
	expect(asked).toEqual([["cloud://a/1", "cloud://a/2", "cloud://a/gone"]])
	expect(put.mock.calls.flat().sort()).toEqual([
		"/cloud/1",
		"/cloud/1",
		"/cloud/2",
		"cloud://a/gone",
	])
	locate("cloud://a/1", put)
	expect(put).toHaveBeenLastCalledWith("/cloud/1")
	expect(asked).toHaveLength(1)
})
