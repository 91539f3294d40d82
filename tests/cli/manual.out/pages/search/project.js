eclexiaIndex.push(
["shapes","module","","project/shapes.html","","Shapes, and what is known of them: eclexia doc --html shapes.ecl"],
["Shape","type","shapes","project/shapes.html#shape","(Circle Float) | (Square Float)","A shape in the plane."],
["unit-square","constant","shapes","project/shapes.html#unit-square","Shape","The square of one by one."],
["area","function","shapes","project/shapes.html#area","(Fn [Shape] Float)","What a shape covers."],
["total","function","shapes","project/shapes.html#total","(Fn [(List Shape)] Float)","What all shapes cover."],
["unless-round","macro","shapes","project/shapes.html#unless-round","","e for what has corners."],
);
