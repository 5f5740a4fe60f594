// Pieces of a program's package that its frame wants while it runs: parts of its script, and files as bytes. The
// address holds the package's hash, so what comes is what was published.

import { type FrameMessage, isFields, words } from "../checks"
import { keepPictures, packageFile, scriptText } from "../packages"
import { LIMITS } from "../protocol"
import { badArgs, type Reach, Refusal, WithBytes } from "../session"

export async function run(reach: Reach, { method, args }: FrameMessage): Promise<unknown> {
	if (method === "packagePictures") return pictures(reach, isFields(args) ? args.paths : null)
	const path = isFields(args) ? words(args.path, LIMITS.path) : ""
	if (method === "packagePart") return part(reach, path)
	if (method === "packageFile") return file(reach, path)
	throw new Refusal("not supported", "not_supported")
}

async function part({ launch, tell }: Reach, path: string): Promise<object> {
	const known = launch.config.parts?.find((each) => each.path === path)
	if (!known) throw badArgs
	const text = await scriptText(`${launch.frame}res/${path}`, (done) =>
		tell({ ev: "part", path, done, all: Math.max(known.size, done) }),
	)
	return { text }
}

/** A file's address, which cannot lead out of the package. */
export function addressOf(frame: string, path: string): string {
	const steps = path.split("/").filter((step) => step !== "" && step !== ".")
	if (steps.length === 0 || steps.includes("..")) throw badArgs
	return `${frame}res/${steps.map(encodeURIComponent).join("/")}`
}

async function file({ launch }: Reach, path: string): Promise<WithBytes> {
	const answer = await packageFile(addressOf(launch.frame, path))
	if (!answer.ok) throw new Refusal(`no such file or directory, ${path}`, "not_found")
	const bytes = await answer.arrayBuffer()
	if (bytes.byteLength > LIMITS.bytes) throw new Refusal("the file is too large", "too_large")
	return new WithBytes({ type: answer.headers.get("content-type") ?? "" }, bytes)
}

/** How many pictures one message may name. */
const PICTURES = 60

async function pictures({ launch }: Reach, paths: unknown): Promise<object> {
	if (!Array.isArray(paths)) throw badArgs
	const named = paths.slice(0, PICTURES).map((path) => words(path, LIMITS.path))
	await keepPictures(named.map((path) => addressOf(launch.frame, path)))
	return {}
}
