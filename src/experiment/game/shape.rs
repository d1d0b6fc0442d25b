//! Players, strategies and the numbers of profiles.

/// How many strategies each player has. Profiles are numbered with the last player's strategy running fastest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    sizes: Vec<usize>,
}

impl Shape {
    /// A game of these numbers of strategies.
    pub fn new(sizes: Vec<usize>) -> Shape {
        Shape { sizes }
    }
    /// Strategies of each player.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }
    /// Number of players.
    pub fn players(&self) -> usize {
        self.sizes.len()
    }
    /// Number of profiles.
    pub fn profiles(&self) -> usize {
        self.sizes.iter().product()
    }
    /// How far apart the profiles stand in which a player's strategy is the next.
    fn stride(&self, player: usize) -> usize {
        self.sizes[player + 1..].iter().product()
    }
    /// A player's strategy in a profile.
    pub fn strategy(&self, profile: usize, player: usize) -> usize {
        profile / self.stride(player) % self.sizes[player]
    }
    /// All strategies of a profile.
    pub fn choice(&self, profile: usize) -> Vec<usize> {
        (0..self.players()).map(|i| self.strategy(profile, i)).collect()
    }
    /// The profile in which a player has another strategy.
    pub fn with(&self, profile: usize, player: usize, strategy: usize) -> usize {
        profile + strategy * self.stride(player) - self.strategy(profile, player) * self.stride(player)
    }
    /// The place of a deviation in the list of all, profile after profile, player after player, strategy after strategy;
    /// `None` for the strategy that is played.
    pub fn deviation(&self, profile: usize, player: usize, to: usize) -> Option<usize> {
        let each: usize = self.sizes.iter().map(|n| n - 1).sum();
        let before: usize = self.sizes[..player].iter().map(|n| n - 1).sum();
        let from = self.strategy(profile, player);
        (to != from).then(|| profile * each + before + to - usize::from(to > from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_numbered_with_the_last_player_fastest() {
        let shape = Shape::new(vec![2, 3, 2]);
        assert_eq!(shape.profiles(), 12);
        assert_eq!(shape.choice(0), [0, 0, 0]);
        assert_eq!(shape.choice(1), [0, 0, 1]);
        assert_eq!(shape.choice(11), [1, 2, 1]);
        let mut number = 0;
        for profile in 0..12 {
            assert_eq!(shape.with(profile, 1, shape.strategy(profile, 1)), profile);
            assert_eq!(shape.choice(shape.with(profile, 1, 2))[1], 2);
            for player in 0..3 {
                for to in 0..shape.sizes()[player] {
                    match shape.deviation(profile, player, to) {
                        Some(at) => {
                            assert_eq!(at, number);
                            number += 1;
                        }
                        None => assert_eq!(shape.strategy(profile, player), to),
                    }
                }
            }
        }
    }
}
