require("../mixin"); Component({})
