// Lines and areas on a map, in WeChat's words.

import L from "leaflet"
import { spotOf } from "./mapmarkers"

type Told = Record<string, unknown>

const points = (value: unknown): L.LatLngExpression[] =>
	(Array.isArray(value) ? (value as Told[]) : []).flatMap((each) => {
		const at = each && spotOf(each)
		return at ? [[at.latitude, at.longitude] as [number, number]] : []
	})

const colour = (value: unknown, other: string) =>
	typeof value === "string" && value ? value : other

/** Lines, with the border that lies under each. */
export function lines(told: Told[]): L.Path[] {
	return told.flatMap((line) => {
		const along = points(line.points)
		if (along.length < 2) return []
		const weight = Number(line.width) || 4
		const border = Number(line.borderWidth) || 0
		const under = border
			? [
					L.polyline(along, {
						color: colour(line.borderColor, "#fff"),
						weight: weight + 2 * border,
						interactive: false,
					}),
				]
			: []
		const over = L.polyline(along, {
			color: colour(line.color, "#000"),
			weight,
			interactive: false,
			...(line.dottedLine ? { dashArray: `${weight * 2} ${weight * 2}` } : {}),
		})
		return [...under, over]
	})
}

export function circles(told: Told[]): L.Path[] {
	return told.flatMap((circle) => {
		const at = spotOf(circle)
		if (!at) return []
		return [
			L.circle([at.latitude, at.longitude], {
				radius: Number(circle.radius) || 0,
				color: colour(circle.color, "#000"),
				weight: Number(circle.strokeWidth ?? 1),
				fill: Boolean(circle.fillColor),
				fillColor: colour(circle.fillColor, "transparent"),
				fillOpacity: 1,
				interactive: false,
			}),
		]
	})
}

export function polygons(told: Told[]): L.Path[] {
	return told.flatMap((area) => {
		const around = points(area.points)
		if (around.length < 3) return []
		return [
			L.polygon(around, {
				color: colour(area.strokeColor, "#000"),
				weight: Number(area.strokeWidth ?? 1),
				fill: Boolean(area.fillColor),
				fillColor: colour(area.fillColor, "transparent"),
				fillOpacity: 1,
				interactive: false,
				...(Array.isArray(area.dashArray) ? { dashArray: area.dashArray.join(" ") } : {}),
			}),
		]
	})
}
