import { words } from "../checks"

/** Gives the person a file, as the browser gives any download. */
export function save(name: string, file: Blob): object {
	const link = document.createElement("a")
	link.href = URL.createObjectURL(file)
	link.download = name
	link.click()
	// The browser has taken the file once the click was handled; some read it a little later.
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
	return {}
}

/** A file's name without folders and signs that mean something to a file system. */
export function nameOf(value: unknown): string {
	const last = words(value).split(/[\\/]/).pop() ?? ""
	return (
		last
			.replace(/[^\p{L}\p{N}._ -]/gu, "")
			.replace(/^\.+/, "")
			.trim()
			.slice(-100) || "file"
	)
}
