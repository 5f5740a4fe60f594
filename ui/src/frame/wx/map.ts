// The context of a map on the page: what a program asks of it, and moves on it.

import { type MapHandle, mapById } from "../components/map"
import type { MapDrawing, Spot } from "../components/mapscript"
import { absent } from "./absent"
import type { Options } from "./api"

type Act = (map: MapHandle, drawing: MapDrawing, options: Options) => unknown

const told = (options: Options, name: string): unknown[] => {
	const value = options[name]
	return Array.isArray(value) ? value : []
}

const hasSpot = ({ latitude, longitude }: Options) =>
	Number.isFinite(Number(latitude ?? Number.NaN)) &&
	Number.isFinite(Number(longitude ?? Number.NaN))

const spotOf = ({ latitude, longitude }: Options): Spot => ({
	latitude: Number(latitude),
	longitude: Number(longitude),
})

const ACTS: Record<string, Act> = {
	getCenterLocation: (_map, drawing) => drawing.centre(),
	getScale: (_map, drawing) => ({ scale: drawing.scale() }),
	getRegion: (_map, drawing) => drawing.region(),
	getRotate: () => ({ rotate: 0 }),
	getSkew: () => ({ skew: 0 }),
	moveToLocation: (map, drawing, options) =>
		hasSpot(options) ? drawing.move(spotOf(options)) : map.toPerson(),
	includePoints: (_map, drawing, options) =>
		drawing.include(told(options, "points") as Spot[], told(options, "padding") as number[]),
	addMarkers: (map, _drawing, options) => map.add(told(options, "markers"), options.clear === true),
	removeMarkers: (map, _drawing, options) => map.remove(told(options, "markerIds")),
	toScreenLocation: (_map, drawing, options) => drawing.toScreen(spotOf(options)),
	fromScreenLocation: (_map, drawing, { x, y }) =>
		drawing.fromScreen({ x: Number(x), y: Number(y) }),
	async translateMarker(_map, drawing, options) {
		const { markerId, destination, duration, rotate, animationEnd } = options
		const there = await drawing.translate(
			markerId,
			spotOf((destination ?? {}) as Options),
			duration === undefined ? 1000 : Number(duration),
			Number(rotate) || 0,
		)
		if (!there) throw new Error("there is no such marker")
		if (typeof animationEnd === "function") animationEnd()
	},
}

/** The map of that id on the page on top; looked up at each call, as the page may draw it later. */
export function createMapContext(id: string): object {
	const acts = Object.entries(ACTS).map(([name, act]) => [
		name,
		(options: Options = {}) => {
			const done = perform(String(id), act, options).then(
				(values) => {
					const result = { errMsg: `${name}:ok`, ...values }
					options.success?.(result)
					return result
				},
				(error: unknown) => {
					const why = (error as { message?: string })?.message ?? "failed"
					const result = { errMsg: `${name}:fail ${why}` }
					options.fail?.(result)
					return Promise.reject(result)
				},
			)
			done.then(
				(result) => options.complete?.(result),
				(result: unknown) => options.complete?.(result as { errMsg: string }),
			)
			if (!options.success && !options.fail && !options.complete) return done
			done.catch(() => {}) // told by callback
			return undefined
		},
	])
	return absent(Object.fromEntries(acts))
}

async function perform(id: string, act: Act, options: Options): Promise<object> {
	const map = mapById(id)
	if (!map) throw new Error("there is no such map")
	const values: unknown = await act(map, await map.drawing, options)
	return typeof values === "object" && values !== null ? values : {}
}
