import { expect, openProgram, signIn, test } from "./plaza"
import { built } from "./taro/build"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}

test("a React program that Taro built runs, keeps its state and goes to its other page", async ({
	browser,
	plaza,
}) => {
	const program = await built()
	await plaza.publish("react-todo", {
		...program,
		"manifest.json": JSON.stringify({
			app_id: "react-todo",
			name: "React to do",
			version: { code: 1, name: "1" },
			icons: [],
			x_plaza: { category: "tools" },
		}),
	})
	const page = await (await browser.newContext(phone)).newPage()
	const errors: string[] = []
	page.on("pageerror", (error) => errors.push(String(error)))
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/react-todo`)
	await expect(frame.getByText("1 left, shown 1")).toBeVisible()

	await frame.getByPlaceholder("What next?").fill("Call Ada")
	await frame.getByRole("button", { name: "Add" }).tap()
	await expect(frame.getByText("2 left, shown 1")).toBeVisible()
	await frame.getByPlaceholder("What next?").fill("Buy bread")
	await frame.getByPlaceholder("What next?").press("Enter")
	await expect(frame.getByText("3 left, shown 1")).toBeVisible()
	await frame.getByText("Water the plants").tap()
	await expect(frame.getByText("2 left, shown 1")).toBeVisible()
	await expect(frame.locator(".thing.done")).toHaveText("Water the plants")
	await test.info().attach("todo", { body: await page.screenshot(), contentType: "image/png" })

	await frame.getByRole("button", { name: "About" }).tap()
	await expect(frame.getByText("There were 2.")).toBeVisible()
	await page.getByRole("button", { name: "Back", exact: true }).click()
	await expect(frame.getByText("2 left, shown 2")).toBeVisible()
	expect(errors).toEqual([])
})
