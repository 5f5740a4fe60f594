// A page of products with what their shelves hold, and the acts on them: each at once, each with a way back.
import { create, filter, intention, list, send, update } from "../../lib/api"
import type { Product } from "../../lib/records"
import { inWords } from "../../lib/refusal"
import { Rows } from "../../lib/table/rows.svelte"
import { toasts } from "../../lib/toasts.svelte"
import { money } from "../format"
import { shop } from "../shop.svelte"
import { t } from "../words"
import { type Level, lowStock } from "./stock"

export const tabs = ["active", "low", "archived"] as const
export type Tab = (typeof tabs)[number]

export interface View {
	tab: Tab
	q: string
	category: string
	sort: string
	page: number
}

export const perPage = 50

async function expression(org: string, view: View, place: string): Promise<string> {
	const parts = ["org = {:org}", view.tab === "archived" ? "archived = true" : "archived = false"]
	if (view.tab === "low") {
		parts.push(`stock_via_product.quantity <= ${lowStock}`)
		if (place) parts.push("stock_via_product.place = {:place}")
	}
	if (view.category) parts.push("category = {:category}")
	if (view.q) parts.push("(name ~ {:q} || brand ~ {:q} || gtin ~ {:digits})")
	const digits = view.q.replace(/[\s-]/g, "")
	return filter(parts.join(" && "), { org, ...view, digits, place })
}

export const fetchProducts = async (view: View, size = perPage) =>
	list<Product>("products", {
		filter: await expression(shop.org?.id ?? "", view, shop.standing?.id ?? ""),
		sort: view.sort,
		page: view.page,
		perPage: size,
	})

export class ProductPage extends Rows<Product> {
	/** Product → units, at the chosen place or in all of them; products that are not counted are absent. */
	levels: Map<string, number> = $state.raw(new Map())
	/** The rows are there, their stock is not. */
	levelsFailed = $state(false)

	async show(view: View): Promise<void> {
		await this.load(() => fetchProducts(view))
		await this.readLevels()
	}

	async readLevels(): Promise<void> {
		const org = shop.org?.id ?? ""
		const place = shop.standing?.id
		const ids = this.rows.map(({ id }) => id)
		if (ids.length === 0) return
		try {
			const wanted = ids.map((id) => `product = "${id}"`).join(" || ")
			const expression = await filter(
				`org = {:org} && (${wanted})${place ? " && place = {:place}" : ""}`,
				{ org, place },
			)
			const levels = new Map<string, number>()
			const found = await list<Level>("stock", { filter: expression, perPage: 500 })
			for (const { product, quantity } of found.items)
				levels.set(product, (levels.get(product) ?? 0) + quantity)
			this.levels = levels
			this.levelsFailed = false
		} catch {
			this.levelsFailed = true
		}
	}

	/** Applies at once; the server's no puts the old price back. */
	async setPrice(product: Product, price: number, undoable = true): Promise<void> {
		const before = product.price
		this.put({ ...product, price })
		try {
			this.put(await update<Product>("products", product.id, { price }))
			toasts.show(
				t("products.price_set", { name: product.name, price: money(price, product.currency) }),
				{
					...(undoable
						? { undo: () => void this.setPrice({ ...product, price }, before, false) }
						: {}),
				},
			)
		} catch (error) {
			this.put({ ...product, price: before })
			toasts.show(inWords(error), { tone: "bad" })
		}
	}

	/** Adds units, or takes them off with a minus. */
	async moveStock(
		product: Product,
		place: string,
		change: number,
		reason: string,
		undoable = true,
	): Promise<void> {
		const before = this.levels.get(product.id)
		this.#level(product.id, (before ?? 0) + change)
		try {
			const level = await addStock(product.id, place, change, reason)
			if (shop.standing) this.#level(product.id, level.quantity)
			else await this.readLevels()
			toasts.show(t("products.stock_set", { name: product.name, count: level.quantity }), {
				...(undoable
					? { undo: () => void this.moveStock(product, place, -change, "undo", false) }
					: {}),
			})
		} catch (error) {
			this.#level(product.id, before)
			toasts.show(inWords(error), { tone: "bad" })
		}
	}

	async archive(products: Product[], archived: boolean, undoable = true): Promise<void> {
		const ids = new Set(products.map(({ id }) => id))
		this.rows = this.rows.filter(({ id }) => !ids.has(id))
		try {
			for (const { id } of products) await update("products", id, { archived })
			const words = { count: products.length, name: products[0]?.name ?? "" }
			toasts.show(archived ? t("products.archived", words) : t("products.restored", words), {
				...(undoable
					? { undo: () => void this.archive(products, !archived, false).then(() => this.reload()) }
					: {}),
			})
		} catch (error) {
			toasts.show(inWords(error), { tone: "bad" })
			await this.reload()
		}
	}

	#level(product: string, quantity: number | undefined): void {
		const levels = new Map(this.levels)
		if (quantity === undefined) levels.delete(product)
		else levels.set(product, quantity)
		this.levels = levels
	}
}

export const addStock = (product: string, place: string, quantity: number, reason: string) =>
	send<{ quantity: number }>(`/api/catalog/${shop.org?.id}/stock`, {
		body: { product, place, quantity, reason },
		key: intention(),
	})

export const saveProduct = (id: string | null, body: Record<string, unknown>) =>
	id ? update<Product>("products", id, body) : create<Product>("products", body)

/** The categories that the shop's products have, read once a visit. */
let known: { org: string; categories: Promise<string[]> } | undefined

export function categories(): Promise<string[]> {
	const org = shop.org?.id ?? ""
	if (known?.org !== org) known = { org, categories: readCategories(org) }
	return known.categories
}

async function readCategories(org: string): Promise<string[]> {
	const found = new Set<string>()
	const expression = await filter("org = {:org} && archived = false", { org })
	for (let page = 1, last = 1; page <= last && page <= 10; page++) {
		const part = await list<Product>("products", {
			filter: expression,
			fields: "category",
			perPage: 1000,
			page,
		})
		for (const { category } of part.items) if (category) found.add(category)
		last = part.totalPages
	}
	return [...found].sort((a, b) => a.localeCompare(b))
}
