/** The pictures of refused launches; their words are `refused.<code>.title` and `.text` in the catalogue. */
import Ban from "@lucide/svelte/icons/ban"
import FlaskConical from "@lucide/svelte/icons/flask-conical"
import Hourglass from "@lucide/svelte/icons/hourglass"
import PackageX from "@lucide/svelte/icons/package-x"
import ShieldX from "@lucide/svelte/icons/shield-x"
import LinkIcon from "@lucide/svelte/icons/unlink"
import Users from "@lucide/svelte/icons/users"
import type { Component } from "svelte"

interface Look {
	Icon: Component
	/** Whether trying again may help; else there is only the way out. */
	again: boolean
}

const looks: Readonly<Record<string, Look>> = {
	program_taken_down: { Icon: Ban, again: false },
	program_deleted: { Icon: PackageX, again: false },
	program_not_found: { Icon: PackageX, again: false },
	not_in_rollout: { Icon: Hourglass, again: true },
	people_cap: { Icon: Users, again: true },
	not_tester: { Icon: FlaskConical, again: true },
	package_altered: { Icon: ShieldX, again: true },
	version_not_found: { Icon: FlaskConical, again: false },
	link_revoked: { Icon: LinkIcon, again: false },
	link_expired: { Icon: Hourglass, again: false },
	link_not_found: { Icon: LinkIcon, again: false },
}

/** How a refusal with this code looks; null for one that has no picture of its own. */
export function lookOf(code: string): Look | null {
	return looks[code] ?? null
}
