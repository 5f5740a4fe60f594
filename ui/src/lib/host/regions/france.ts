import districts from "@etalab/decoupage-administratif/data/arrondissements.json"
import departments from "@etalab/decoupage-administratif/data/departements.json"
import regions from "@etalab/decoupage-administratif/data/regions.json"
import type { Region } from "../areas/regions"

interface Listed {
	code: string
	nom: string
	region?: string
	departement?: string
}

/** Régions, départements, arrondissements, each by its name. */
export function france(): Region[] {
	const by = (list: Listed[], key: "region" | "departement", code: string) =>
		list.filter((each) => each[key] === code).sort((a, b) => a.nom.localeCompare(b.nom, "fr"))
	return (regions as Listed[])
		.toSorted((a, b) => a.nom.localeCompare(b.nom, "fr"))
		.map(({ code, nom }) => [
			code,
			nom,
			by(departments as Listed[], "region", code).map(
				(department): Region => [
					department.code,
					department.nom,
					by(districts as Listed[], "departement", department.code).map(
						(district): Region => [district.code, district.nom, []],
					),
				],
			),
		])
}
