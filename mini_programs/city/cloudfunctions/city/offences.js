// The demonstration's offences: labels and classes only, from memory and not verified as law.
module.exports = {
	"STAT-GEN": { class: "2", en: "Obstructive parking", fr: "Stationnement gênant", zh: "违章停车" },
	"STAT-TGEN": {
		class: "4",
		en: "Very obstructive parking",
		fr: "Stationnement très gênant",
		zh: "严重违章停车",
	},
	"VIT-LT20-URB": {
		class: "4",
		en: "Speeding < 20 km/h in town",
		fr: "Excès de vitesse < 20 km/h en agglomération",
		zh: "市区超速 20 公里以下",
	},
	"VIT-LT20-RUR": {
		class: "3",
		en: "Speeding < 20 km/h outside town",
		fr: "Excès de vitesse < 20 km/h hors agglomération",
		zh: "市郊超速 20 公里以下",
	},
	"FEU-ROUGE": {
		class: "4",
		en: "Running a red light",
		fr: "Non-respect d’un feu rouge",
		zh: "闯红灯",
	},
	STOP: {
		class: "4",
		en: "Failure to stop at a stop sign",
		fr: "Non-respect d’un stop",
		zh: "未在停车标志前停车",
	},
	"TEL-MAIN": {
		class: "4",
		en: "Hand-held phone while driving",
		fr: "Téléphone tenu en main",
		zh: "驾驶时手持电话",
	},
	CEINTURE: {
		class: "4",
		en: "No seat belt",
		fr: "Non-port de la ceinture",
		zh: "未系安全带",
	},
	PIETON: {
		class: "1-pieton",
		en: "Pedestrian off the crossing",
		fr: "Piéton hors passage",
		zh: "行人违章",
	},
}
