// Who the person is to a program's server, and what they let the program do: login codes, scopes, what the program may
// know of them.

import { type FrameMessage, isFields, words } from "../checks"
import { authSetting, type Decision, type Held, isAbsent, scopeOf } from "../consents"
import { LIMITS } from "../protocol"
import { badArgs, DENIALS, type Reach, Refusal, refused } from "../session"

export async function run(reach: Reach, { method, args }: FrameMessage): Promise<unknown> {
	const given = isFields(args) ? args : {}
	switch (method) {
		case "login": {
			const answer = await reach.ask("login", {})
			return { code: isFields(answer) ? words(answer.code) : "" }
		}
		case "checkSession": {
			const answer = await reach.bridge("identity.session")
			if (!isFields(answer) || answer.valid !== true)
				throw new Refusal("session time out, need relogin", "session_expired")
			return {}
		}
		case "authorize":
			return authorize(reach, given.scope)
		case "getSetting":
			return { authSetting: authSetting(await reach.consents()) }
		case "openSetting":
			await settings(reach, null)
			return { authSetting: authSetting(await reach.consents()) }
		case "openPrivacyContract":
			await settings(reach, {
				org: reach.launch.org ?? "",
				reasons: reach.launch.reasons ?? {},
			})
			return {}
		case "getUserInfo":
			return userInfo(reach, words(given.reason, LIMITS.reason))
	}
	throw new Refusal("not supported", "not_supported")
}

/** Asks for a scope before it is needed; a yes for once stays for the call that it is for. */
async function authorize(reach: Reach, name: unknown): Promise<object> {
	if (typeof name !== "string") throw badArgs
	if (isAbsent(name)) throw new Refusal("not supported", "not_supported")
	const scope = scopeOf(name, reach.launch.scopes)
	if (!scope) throw new Refusal("invalid scope", "scope_unknown")
	try {
		await reach.permit(scope, { keep: true })
	} catch (error) {
		// WeChat's words for a scope that app.json says nothing of.
		if (refused(error).code === "scope_undeclared")
			throw new Refusal("require permission desc", "scope_undeclared")
		throw error
	}
	return {}
}

/** The person's profile, sealed for the program's server. */
async function userInfo(reach: Reach, reason: string): Promise<unknown> {
	await reach.permit("profile", { keep: true, reason })
	try {
		return await reach.bridge("identity.userinfo")
	} catch (error) {
		const { code } = refused(error)
		throw DENIALS.includes(code) ? new Refusal("auth deny", code) : error
	}
}

/** Which sessions have the sheet open: one is enough. */
const open = new WeakSet<Reach>()

async function settings(
	reach: Reach,
	contract: { org: string; reasons: Record<string, string> } | null,
): Promise<void> {
	if (open.has(reach)) throw new Refusal("the settings are open already", "busy")
	open.add(reach)
	const { name, scopes } = reach.launch
	try {
		// Most logins never need the sheet.
		const [{ show }, { default: PermissionsSheet }] = await Promise.all([
			import("./ask"),
			import("./PermissionsSheet.svelte"),
		])
		await show<
			{
				name: string
				scopes: readonly string[]
				contract: typeof contract
				held: () => Promise<Record<string, Held>>
				decide: (scope: string, decision: Decision) => Promise<void>
			},
			boolean
		>(reach, PermissionsSheet, {
			name,
			scopes,
			contract,
			held: () => reach.consents(),
			decide: (scope, decision) => reach.decide(scope, decision),
		})
	} finally {
		open.delete(reach)
	}
}
