// What leaves a program: files, which the host asks for and the browser saves, and the person themselves.

import type { HostPort } from "../port"
import type { Implementation } from "./api"
import type { Files } from "./files"
import { typeOf } from "./media"

/** The asynchronous ones. */
export function outwardApi(port: HostPort, files: Files): Record<string, Implementation> {
	const send = async (method: string, path: unknown, family: string, name?: unknown) => {
		const source = String(path ?? "")
		if (source === "") throw new Error("parameter error: parameter.filePath should be String")
		const { bytes, type } = await files.fetch(source)
		const ending = family === "image" ? typeOf(source) : ""
		const known = type || (ending && ending !== "unknown" ? `image/${ending}` : "")
		const called = String(name ?? files.name(source))
		await port.carry(method, { name: named(called, known), type: known }, bytes)
		return {}
	}
	return {
		saveImageToPhotosAlbum: ({ filePath }) => send("saveToAlbum", filePath, "image"),
		saveVideoToPhotosAlbum: ({ filePath }) => send("saveToAlbum", filePath, "video"),
		saveFileToDisk: ({ filePath }) => send("saveToDisk", filePath, ""),
		openDocument: ({ filePath, fileType }) =>
			send("openFile", filePath, "", ending(files.name(String(filePath ?? "")), fileType)),
		shareFileMessage: ({ filePath, fileName }) => send("shareFile", filePath, "", fileName),
		shareVideoMessage: ({ videoPath }) => send("shareFile", videoPath, "video"),
		showShareImageMenu: ({ path }) => send("shareFile", path, "image"),
	}
}

/** Leaving for where the person came from, or for another program: the host asks, and goes. */
export function leavingApi(port: HostPort): Record<string, Implementation> {
	const open: Implementation = ({ appId, path }) =>
		port.call("leave", { appid: String(appId ?? ""), path: String(path ?? "") })
	return {
		exitMiniProgram: () => port.call("leave"),
		navigateToMiniProgram: open,
		openEmbeddedMiniProgram: open,
	}
}

/** The document's name, with the ending that the program says it has. */
function ending(name: string, fileType: unknown): string | undefined {
	return /^\w{1,5}$/.test(String(fileType ?? "")) && !/\.\w{1,5}$/.test(name)
		? `${name || "document"}.${fileType}`
		: undefined
}

/** A name with an ending, since a temporary file has none. */
function named(name: string, type: string): string {
	if (/\.\w{1,5}$/.test(name)) return name
	const ending = type.split("/")[1]?.replace("jpeg", "jpg").split(";")[0]
	return ending ? `${name || "file"}.${ending}` : name
}
