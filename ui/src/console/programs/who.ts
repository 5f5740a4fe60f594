// What the person at the console is to a program.
import { session } from "../../lib/session.svelte"
import { shop } from "../shop.svelte"
import type { Listed } from "./program"

/** Organisations that the person runs, as owner or manager. */
export const runs = () =>
	shop.jobs.filter(({ role }) => role === "owner" || role === "manager").map(({ org }) => org)

/** May upload, submit and release: its owner, its organisation's and its agency's owners and managers. */
export function makes(program: Pick<Listed, "org" | "owner" | "agency">): boolean {
	const mine = runs()
	if (program.org ? mine.includes(program.org) : program.owner === session.user?.id) return true
	return program.agency !== "" && mine.includes(program.agency)
}

/** May end it and hand it to an agency: not the agency. */
export const owns = (program: Pick<Listed, "org" | "owner">) =>
	program.org ? runs().includes(program.org) : program.owner === session.user?.id
