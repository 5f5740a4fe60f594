import { areaList } from "@vant/area-data"
import type { Region } from "../areas/regions"

/** Provinces, cities, counties, in the order of their codes. */
export function china(): Region[] {
	const { province_list, city_list, county_list } = areaList
	const below = (list: Record<string, string>, start: string): [string, string][] =>
		Object.entries(list).filter(([code]) => code.startsWith(start))
	return Object.entries(province_list).map(([code, name]) => [
		code,
		name,
		below(city_list, code.slice(0, 2)).map(
			([city, cityName]): Region => [
				city,
				cityName,
				below(county_list, city.slice(0, 4)).map(
					([county, countyName]): Region => [county, countyName, []],
				),
			],
		),
	])
}
