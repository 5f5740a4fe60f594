/** The barcode as printed on the pack: without the zeros that pad it to 14 digits. */
export function printed(gtin: string): string {
	const bare = gtin.replace(/^0+/, "")
	return bare.padStart(bare.length <= 8 ? 8 : bare.length <= 12 ? 12 : 13, "0")
}
