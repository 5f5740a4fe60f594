import "./console.css"
import { mount } from "svelte"
import { language } from "../lib/i18n/locale.svelte"
import { words } from "../lib/i18n/words"
import App from "./App.svelte"
import { messages } from "./words"

document.documentElement.lang = language.current

void Promise.all([words.load(), messages.load()]).then(() => {
	const target = document.getElementById("app")
	if (target) mount(App, { target })
})
