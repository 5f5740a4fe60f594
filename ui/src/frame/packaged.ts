// What lies in the package and is not there when the program starts: parts of its script, and its files as bytes. The
// frame may fetch nothing, so the host brings them.

import type { ProgramConfig } from "../lib/host/protocol"
import type { HostPort } from "./port"

type Progress = (done: number, all: number) => void

/** The package as the frame can ask for it. */
export interface Packaged {
	/** The script of what is below `root`. */
	part(root: string, progress?: Progress): Promise<string>
	/** A file's bytes; fails when there is none. */
	file(path: string): Promise<ArrayBuffer>
}

/** Asks the host for parts and files; each part is brought once. */
export function packaged(config: ProgramConfig, port: HostPort): Packaged {
	const parts = new Map<string, Promise<string>>()
	const heard = new Map<string, Set<Progress>>()
	port.on("part", (event) => {
		if (event.ev === "part")
			for (const run of heard.get(event.path) ?? []) run(event.done, event.all)
	})
	return {
		part(root, progress) {
			const part = config.parts?.find((each) => each.root === root)
			if (!part) return Promise.reject(new Error(`no such part of the package: ${root}`))
			if (progress) heard.set(part.path, (heard.get(part.path) ?? new Set()).add(progress))
			const known = parts.get(part.path)
			if (known) return known
			const brought = port
				.call("packagePart", { path: part.path })
				.then((answer) => (answer as { text: string }).text)
			parts.set(part.path, brought)
			brought.then(
				() => heard.delete(part.path),
				() => parts.delete(part.path),
			)
			return brought
		},
		async file(path) {
			const { bytes } = await port.carry("packageFile", { path: plainPath(path) })
			if (!bytes) throw new Error(`no such file or directory, ${path}`)
			return bytes
		},
	}
}

/** A path of the package without what may stand before it. */
export const plainPath = (path: string): string =>
	path.replace(/^(?:wxfile:\/\/package\/|\.?\/)+/, "")
