import { mount } from "svelte"
import { language } from "../lib/i18n/locale.svelte"
import { words } from "../lib/i18n/words"
import "./app.css"
import App from "./shell/App.svelte"
import { clientWords } from "./words"

document.documentElement.lang = language.current
const target = document.getElementById("app")

Promise.all([words.load(), clientWords.load()]).then(() => {
	if (target) mount(App, { target })
})
