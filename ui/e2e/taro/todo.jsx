import { Button, Input, ScrollView, Text, View } from "@tarojs/components"
import { useDidShow, useShareAppMessage } from "@tarojs/plugin-framework-react/dist/runtime"
import { useMemo, useState } from "react"

/** What is to be done, in memory: state, keys, memos, events and a list of the framework's own. */
export default function Todo() {
	const [text, setText] = useState("")
	const [shown, setShown] = useState(0)
	const [things, setThings] = useState([{ id: 1, text: "Water the plants", done: false }])
	const left = useMemo(() => things.filter(({ done }) => !done).length, [things])
	useDidShow(() => setShown((times) => times + 1))
	useShareAppMessage(() => ({ title: `${left} to do` }))
	const add = () => {
		if (!text.trim()) return
		setThings([...things, { id: Date.now(), text: text.trim(), done: false }])
		setText("")
	}
	const toggle = (id) =>
		setThings(things.map((thing) => (thing.id === id ? { ...thing, done: !thing.done } : thing)))
	return (
		<View className="todo">
			<View className="head">
				<Text className="count">{`${left} left, shown ${shown}`}</Text>
			</View>
			<View className="row">
				<Input
					className="new"
					value={text}
					placeholder="What next?"
					onInput={(event) => setText(event.detail.value)}
					onConfirm={add}
				/>
				<Button size="mini" onClick={add}>
					Add
				</Button>
			</View>
			<ScrollView scrollY className="list">
				{things.map((thing) => (
					<View
						key={thing.id}
						className={thing.done ? "thing done" : "thing"}
						onClick={() => toggle(thing.id)}
					>
						<Text>{thing.text}</Text>
					</View>
				))}
			</ScrollView>
			<Button
				type="primary"
				onClick={() => wx.navigateTo({ url: `/pages/about/about?left=${left}` })}
			>
				About
			</Button>
		</View>
	)
}
