// Sending a product file to the server: a trial of the whole, then the rows in batches, so that progress is true.
import { send } from "../../lib/api"
import { type CSV, writeCSV } from "../../lib/table/csv"
import { added, batches, nothing, type Report } from "./report"

const post = (org: string, csv: CSV, dry: boolean) =>
	send<Report>(`/api/catalog/${org}/import`, {
		method: "POST",
		body: writeCSV(csv.header, csv.rows),
		headers: { "Content-Type": "text/csv" },
		...(dry ? { query: { dry_run: 1 } } : {}),
	})

export const tryOut = (org: string, csv: CSV) => post(org, csv, true)

/** Applies batch after batch; what is done stays done when one fails, and trying again changes nothing twice. */
export async function apply(
	org: string,
	csv: CSV,
	progress: (done: number, report: Report) => void,
): Promise<Report> {
	let report = nothing
	for (const batch of batches(csv)) {
		report = added(report, await post(org, batch.csv, false), batch.before)
		progress(batch.before + batch.csv.rows.length, report)
	}
	return report
}
