// What a person says of a scope, and WeChat's names of the scopes.

/** How long a yes holds: for one call, while the program is open, until it is withdrawn. */
export type Duration = "once" | "open" | "always"

/** A yes for a while, or a no for good. */
export type Decision = { state: "granted"; duration: Duration } | { state: "denied" }

/** What the person has said of a scope, as the server knows it. */
export interface Held {
	state: "granted" | "denied"
	duration: Duration
}

/** WeChat's scopes by ours; the first is the one that it is called by. */
const NAMES: Record<string, string[]> = {
	profile: ["scope.userInfo"],
	location: ["scope.userLocation", "scope.userFuzzyLocation", "scope.userLocationBackground"],
	camera: ["scope.camera"],
	microphone: ["scope.record"],
	album: ["scope.writePhotosAlbum"],
}

/** WeChat's that nobody can be asked for here. */
const ABSENT = [
	"scope.address",
	"scope.invoice",
	"scope.invoiceTitle",
	"scope.werun",
	"scope.bluetooth",
	"scope.addPhoneContact",
	"scope.addPhoneCalendar",
	"scope.subscribeMessage",
]

/** Our scope for WeChat's name; Plaza's own, such as `scope.orders`, are called alike. Null for a name that is none. */
export function scopeOf(name: string, declared: readonly string[]): string | null {
	const known = Object.entries(NAMES).find(([, theirs]) => theirs.includes(name))
	if (known) return known[0]
	const own = /^scope\.([a-z]{1,30})$/.exec(name)?.[1]
	return own && !(own in NAMES) && declared.includes(own) ? own : null
}

export const isAbsent = (name: string) => ABSENT.includes(name)

/** `authSetting`: what was decided, by WeChat's names. */
export function authSetting(consents: Record<string, Held>): Record<string, boolean> {
	const setting: Record<string, boolean> = {}
	for (const [scope, { state }] of Object.entries(consents))
		for (const name of (NAMES[scope] ?? [`scope.${scope}`]).slice(0, 2))
			setting[name] = state === "granted"
	return setting
}
