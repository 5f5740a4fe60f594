// Where the person is, and places that they choose or look at. The position is the browser's, in WGS 84; a program
// gets it only with the person's yes, and a fuzzy one is rounded to about a kilometre.

import type { FrameMessage } from "../checks"
import { isFields, words } from "../checks"
import { badArgs, type Reach, Refusal } from "../session"
import { whileAllowed } from "./allowed"
import { show } from "./ask"
import PlaceSheet, { type Chosen } from "./PlaceSheet.svelte"

/** Milliseconds after which no position is a failure. */
const PATIENCE = 20_000
/** How old a position may be that is given again, in milliseconds. */
const AGE = 5_000
/** Decimal places of a fuzzy position: about a kilometre. */
const FUZZY = 2

/** One watch for each session; a second start changes nothing. */
const watches = new WeakMap<object, number>()

export async function run(reach: Reach, { method, args }: FrameMessage): Promise<unknown> {
	const given = isFields(args) ? args : {}
	switch (method) {
		case "getLocation": {
			await reach.permit("location")
			return told(await position(given), given.fuzzy === true)
		}
		case "watchLocation":
			return given.on === true ? watch(reach) : stop(reach)
		case "openLocation": {
			const { latitude, longitude } = given
			if (!isPlace(latitude, longitude)) throw badArgs
			await look(reach, {
				latitude: latitude as number,
				longitude: longitude as number,
				name: words(given.name),
				address: words(given.address),
			})
			return {}
		}
		case "chooseLocation": {
			const chosen = await show<{ by: string; place: null }, Chosen | null>(reach, PlaceSheet, {
				by: reach.launch.name,
				place: null,
			})
			if (!chosen) throw new Refusal("cancel", "cancelled")
			return chosen
		}
	}
	throw new Refusal("not supported", "not_supported")
}

function isPlace(latitude: unknown, longitude: unknown): boolean {
	return (
		typeof latitude === "number" &&
		typeof longitude === "number" &&
		Math.abs(latitude) <= 90 &&
		Math.abs(longitude) <= 180
	)
}

async function look(reach: Reach, place: Chosen): Promise<void> {
	await show<{ by: string; place: Chosen }, Chosen | null>(reach, PlaceSheet, {
		by: reach.launch.name,
		place,
	})
}

function position(given: Record<string, unknown>): Promise<GeolocationPosition> {
	const expiry = Number(given.highAccuracyExpireTime)
	return new Promise((resolve, reject) => {
		if (!navigator.geolocation)
			return reject(new Refusal("system permission denied", "no_location"))
		navigator.geolocation.getCurrentPosition(
			resolve,
			(error) => reject(new Refusal(reasonOf(error), "no_location")),
			{
				enableHighAccuracy: given.isHighAccuracy === true,
				timeout: expiry >= 3_000 ? Math.min(expiry, PATIENCE) : PATIENCE,
				maximumAge: AGE,
			},
		)
	})
}

/** Why there is no position, in WeChat's words where it has some. */
function reasonOf({ code }: { code: number }): string {
	if (code === 1) return "system permission denied"
	return code === 3 ? "timeout" : "ERROR_NOCELL&WIFI_LOCATIONSWITCHOFF"
}

function told({ coords }: GeolocationPosition, fuzzy: boolean): Record<string, number> {
	if (fuzzy) return { latitude: rounded(coords.latitude), longitude: rounded(coords.longitude) }
	const { latitude, longitude, accuracy } = coords
	return {
		latitude,
		longitude,
		accuracy,
		speed: coords.speed ?? -1,
		altitude: coords.altitude ?? 0,
		verticalAccuracy: coords.altitudeAccuracy ?? 0,
		horizontalAccuracy: accuracy,
	}
}

function rounded(degrees: number): number {
	return Number(degrees.toFixed(FUZZY))
}

async function watch(reach: Reach): Promise<object> {
	await reach.permit("location")
	const of = reach
	if (watches.has(of)) return {}
	const number = navigator.geolocation.watchPosition(
		(found) => reach.tell({ ev: "event", name: "LocationChange", detail: told(found, false) }),
		(error) =>
			reach.tell({
				ev: "event",
				name: "LocationChangeError",
				detail: { errMsg: reasonOf(error), errCode: error.code },
			}),
		{ enableHighAccuracy: true, maximumAge: AGE },
	)
	watches.set(of, number)
	reach.atEnd(() => stop(of))
	whileAllowed(reach, "location", () => stop(of))
	return {}
}

function stop(of: object): object {
	const number = watches.get(of)
	if (number !== undefined) navigator.geolocation.clearWatch(number)
	watches.delete(of)
	return {}
}
