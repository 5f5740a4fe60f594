import { Text, View } from "@tarojs/components"
import { useRouter } from "@tarojs/plugin-framework-react/dist/runtime"

/** A second page, which reads what it was opened with. */
export default function About() {
	const { params } = useRouter()
	return (
		<View className="todo">
			<Text className="count">{`There were ${params.left}.`}</Text>
		</View>
	)
}
