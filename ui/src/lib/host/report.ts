import type { Launch, ProgramError } from "./protocol"

interface Happened {
	launched: Launch | null
	appid: string
	why: string
	errors: ProgramError[]
	agent: string
	at: Date
}

/** What the makers of a program need to find a fault; nothing about the person. */
export function reportOf({ launched, appid, why, errors, agent, at }: Happened): string {
	const lines = [
		`program: ${launched?.appid ?? appid}`,
		`version: ${launched ? `${launched.version_name ?? ""} (${launched.version})` : "not launched"}`,
		`package: ${launched?.frame.split("/").at(-2) ?? ""}`,
		`time: ${at.toISOString()}`,
		`browser: ${agent}`,
		`ended: ${why}`,
	]
	for (const { message, where, stack } of errors) {
		lines.push("", `error: ${message}`, `in: ${where}`)
		if (stack) lines.push(stack)
	}
	return lines.join("\n")
}
